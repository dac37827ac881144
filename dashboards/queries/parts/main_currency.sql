(SELECT topK(1)(currency) FROM boards.deals WHERE amount != 0)[1] AS main
