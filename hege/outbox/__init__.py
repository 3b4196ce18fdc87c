"""Messages that leave a street (发件箱): a row in the transaction of the act it tells of, sent afterwards by the worker."""
