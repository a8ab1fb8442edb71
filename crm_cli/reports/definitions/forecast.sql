-- title: Forecast by month
-- description: By month of the expected close: what is won, what is open, and the open amount weighted by probability; beside a quota where one is given. Deals without a day of closing stand under (open).
-- parameter: quota integer = null | Quota of a month, in minor units of the currency
-- parameter: since date = today - 31 | First day that counts
-- money: won, open, weighted, expected, missing by currency
-- subject: opportunity
-- chart: bar month expected
WITH deals AS (
  SELECT
    CASE
      WHEN o.stage = 'won' THEN TO_CHAR(o.closed_at, 'YYYY-MM')
      WHEN o.expected_close_on IS NULL THEN '(open)'
      ELSE TO_CHAR(o.expected_close_on, 'YYYY-MM')
    END AS month,
    o.currency AS currency,
    CASE WHEN o.stage = 'won' THEN COALESCE(o.amount, 0) ELSE 0 END AS won,
    CASE WHEN o.stage = 'won' THEN 0 ELSE COALESCE(o.amount, 0) END AS open_amount,
    CASE WHEN o.stage = 'won' THEN 0 ELSE COALESCE(o.amount, 0) * COALESCE(o.probability, 0) / 100.0 END AS weighted
  FROM opportunity AS o
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL AND o.stage <> 'lost'
    AND (o.stage <> 'won' OR o.closed_at >= CAST(:since AS DATE))
    AND (o.stage = 'won' OR o.expected_close_on IS NULL OR o.expected_close_on >= CAST(:since AS DATE))
)
SELECT
  month,
  currency,
  COUNT(*) AS deals,
  SUM(won) AS won,
  SUM(open_amount) AS open,
  SUM(weighted) AS weighted,
  SUM(won) + SUM(weighted) AS expected,
  CASE WHEN month <> '(open)' THEN CAST(:quota AS INTEGER) - SUM(won) - SUM(weighted) END AS missing
FROM deals
GROUP BY month, currency
ORDER BY month, COALESCE(currency, '')
