SELECT version, signed_by_marketing, marketing_date, signed_by_sales, sales_date
FROM boards.definition
