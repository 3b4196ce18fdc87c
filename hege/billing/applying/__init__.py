"""Which debt a payment meets (清偿抵充): named by who pays, else in the order of the law; worked out by one rule, kept as rows."""
