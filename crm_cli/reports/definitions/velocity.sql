-- title: Sales velocity by owner
-- description: What each user wins a day: deals closed times the share won times the mean amount of those won, divided by the mean days from making to closing. Each currency by itself.
-- parameter: since date = today - 365 | Only deals closed since this day
-- money: mean_amount, won_a_day by currency
-- subject: opportunity
-- chart: bar owner won_a_day
WITH closed AS (
  SELECT
    COALESCE(u.username, '(nobody)') AS owner,
    o.currency AS currency,
    o.stage AS stage,
    o.amount AS amount,
    DATEDIFF(CAST(o.closed_at AS DATE), CAST(o.created_at AS DATE)) AS days
  FROM opportunity AS o
  LEFT JOIN app_user AS u ON u.id = o.owner_id
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL
    AND o.stage IN ('won', 'lost') AND o.closed_at >= CAST(:since AS DATE)
),
summed AS (
  SELECT owner, currency, COUNT(*) AS closed,
    SUM(CASE WHEN stage = 'won' THEN 1 ELSE 0 END) AS won,
    SUM(CASE WHEN stage = 'won' THEN amount ELSE 0 END) AS won_amount,
    SUM(CASE WHEN stage = 'won' THEN days ELSE 0 END) AS won_days
  FROM closed
  GROUP BY owner, currency
)
SELECT
  owner,
  currency,
  closed,
  won,
  ROUND(100.0 * won / closed, 1) AS won_percent,
  CASE WHEN won > 0 THEN 1.0 * won_amount / won END AS mean_amount,
  CASE WHEN won > 0 THEN ROUND(1.0 * won_days / won, 1) END AS mean_days,
  CASE WHEN won_days > 0 THEN 1.0 * won_amount * won / won_days END AS won_a_day
FROM summed
ORDER BY owner, COALESCE(currency, '')
