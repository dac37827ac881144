(SELECT topK(1)(currency) FROM boards.deals)[1] AS main
