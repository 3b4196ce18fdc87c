-- Who holds the money (钱在谁手里) of every supply point at the end of the day :on, in fen, as hege.arrears.rules.who_holds
-- works it out: what is confirmed, and what would be if every claim held. Views of the files are called as their tables.
-- Written in the SQL that DuckDB and Spark have in common; :on is the one place that is filled in.
WITH moved AS (  -- what moved between two accounts
    SELECT street, meter, debit, credit,
        MIN(debit_kind) AS debit_kind, MIN(credit_kind) AS credit_kind,
        MIN(debit_tenancy) AS debit_tenancy, MIN(credit_tenancy) AS credit_tenancy,
        CAST(SUM(CASE WHEN level = 'confirmed' THEN fen ELSE 0 END) AS BIGINT) AS sure, CAST(SUM(fen) AS BIGINT) AS told
    FROM entries
    WHERE effective_on <= :on
    GROUP BY street, meter, debit, credit
),
sides AS (  -- the same, of each of the two; direct is what a tenancy paid the utility itself
    SELECT street, meter,
        CASE WHEN sign = 1 THEN debit ELSE credit END AS account,
        CASE WHEN sign = 1 THEN debit_kind ELSE credit_kind END AS kind,
        CASE WHEN sign = 1 THEN debit_tenancy ELSE credit_tenancy END AS tenancy,
        CASE WHEN sign = 1 THEN credit_kind ELSE debit_kind END AS other,
        sign * sure AS sure, sign * told AS told
    FROM moved CROSS JOIN (VALUES (1), (-1)) AS side(sign)
),
balances AS (
    SELECT street, meter, account, MIN(kind) AS kind, MIN(tenancy) AS tenancy,
        SUM(sure) AS sure, SUM(told) AS told,
        SUM(CASE WHEN kind = 'tenancy' AND other = 'payable' THEN -sure ELSE 0 END) AS sure_direct,
        SUM(CASE WHEN kind = 'tenancy' AND other = 'payable' THEN -told ELSE 0 END) AS told_direct
    FROM sides
    GROUP BY street, meter, account
),
admitted AS (  -- the latest written word of each tenancy
    SELECT street, meter, tenancy, fen
    FROM (
        SELECT street, meter, tenancy, fen,
            ROW_NUMBER() OVER (PARTITION BY street, meter, tenancy ORDER BY admitted_on DESC, admission DESC) AS place
        FROM admissions
        WHERE admitted_on <= :on
    ) AS words
    WHERE place = 1
),
layers AS (
    SELECT b.street, b.meter, layer, kind,
        CASE WHEN layer = 'confirmed' THEN sure ELSE told END AS fen,
        CASE WHEN layer = 'confirmed' THEN sure_direct ELSE told_direct END AS direct,
        COALESCE(a.fen, 0) AS admitted
    FROM balances AS b
    LEFT JOIN admitted AS a ON a.street = b.street AND a.meter = b.meter AND a.tenancy = b.tenancy AND b.kind = 'tenancy'
    CROSS JOIN (VALUES ('confirmed'), ('with_claims')) AS said(layer)
),
terms AS (  -- each debtor gross: nobody's credit hides another's debt
    SELECT street, meter, layer,
        SUM(CASE WHEN kind = 'payable' THEN -fen ELSE 0 END) AS payable,
        SUM(CASE WHEN kind = 'tenancy' THEN GREATEST(fen, 0) ELSE 0 END) AS owed,
        SUM(CASE WHEN kind = 'tenancy' THEN LEAST(GREATEST(fen, 0), admitted) ELSE 0 END) AS acknowledged,
        SUM(CASE WHEN kind = 'tenancy' THEN GREATEST(-fen, 0) ELSE 0 END) AS overpaid,
        SUM(CASE WHEN kind = 'tenancy' THEN LEAST(GREATEST(-fen, 0), GREATEST(direct, 0)) ELSE 0 END) AS passed_over,
        SUM(CASE WHEN kind = 'agent' THEN GREATEST(fen, 0) ELSE 0 END) AS held,
        SUM(CASE WHEN kind = 'agent' THEN GREATEST(-fen, 0) ELSE 0 END) AS fronted,
        SUM(CASE WHEN kind = 'unshared' THEN fen ELSE 0 END) AS unshared,
        SUM(CASE WHEN kind = 'common' THEN fen ELSE 0 END) AS common,
        SUM(CASE WHEN kind = 'loss' THEN fen ELSE 0 END) AS loss,
        SUM(CASE WHEN kind = 'unexplained' THEN fen ELSE 0 END) AS unexplained,
        SUM(CASE WHEN kind = 'payable_late_fee' THEN -fen ELSE 0 END) AS late_fees
    FROM layers
    GROUP BY street, meter, layer
),
answers AS (  -- a supply point without an entry holds nothing, and is there
    SELECT m.street, m.meter, said.layer,
        COALESCE(payable, 0) AS payable, COALESCE(owed, 0) AS owed, COALESCE(acknowledged, 0) AS acknowledged,
        COALESCE(owed - acknowledged, 0) AS unproven, COALESCE(overpaid - passed_over, 0) AS advances,
        COALESCE(passed_over, 0) AS passed_over, COALESCE(held, 0) AS held, COALESCE(fronted, 0) AS fronted,
        COALESCE(unshared, 0) AS unshared, COALESCE(common, 0) AS common, COALESCE(loss, 0) AS loss,
        COALESCE(unexplained, 0) AS unexplained, COALESCE(late_fees, 0) AS late_fees
    FROM meters AS m
    CROSS JOIN (VALUES ('confirmed'), ('with_claims')) AS said(layer)
    LEFT JOIN terms AS t ON t.street = m.street AND t.meter = m.meter AND t.layer = said.layer
)
SELECT street, meter, layer,
    CAST(payable AS BIGINT) AS payable, CAST(owed AS BIGINT) AS owed, CAST(acknowledged AS BIGINT) AS acknowledged,
    CAST(unproven AS BIGINT) AS unproven, CAST(advances AS BIGINT) AS advances, CAST(passed_over AS BIGINT) AS passed_over,
    CAST(held AS BIGINT) AS held, CAST(fronted AS BIGINT) AS fronted, CAST(unshared AS BIGINT) AS unshared,
    CAST(common AS BIGINT) AS common, CAST(loss AS BIGINT) AS loss, CAST(unexplained AS BIGINT) AS unexplained,
    CAST(late_fees AS BIGINT) AS late_fees,
    CAST(payable - (owed - advances - passed_over + held - fronted + unshared + common + loss + unexplained) AS BIGINT)
        AS difference
FROM answers
ORDER BY street, meter, layer
