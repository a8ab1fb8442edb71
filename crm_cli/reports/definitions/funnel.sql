-- title: Funnel of opportunities
-- description: Of the opportunities made since a day, how many ever came to each stage or beyond it, and the share of those of the stage before. Lost ones count as far as they came by their recorded steps.
-- parameter: since date = null | Only those made since this day
-- subject: opportunity
-- chart: bar stage reached
WITH ranks AS (
  SELECT 1 AS place, 'prospecting' AS stage UNION ALL
  SELECT 2 AS place, 'qualification' AS stage UNION ALL
  SELECT 3 AS place, 'proposal' AS stage UNION ALL
  SELECT 4 AS place, 'negotiation' AS stage UNION ALL
  SELECT 5 AS place, 'won' AS stage
),
came AS (
  SELECT o.id AS id, r.place AS place
  FROM opportunity AS o
  JOIN ranks AS r ON r.stage = o.stage
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL
    AND (CAST(:since AS DATE) IS NULL OR o.created_at >= CAST(:since AS DATE))
  UNION ALL
  SELECT o.id AS id, r.place AS place
  FROM opportunity AS o
  JOIN stage_change AS s ON s.opportunity_id = o.id AND s.deleted_at IS NULL
  JOIN ranks AS r ON r.stage = s.to_stage OR r.stage = s.from_stage
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL
    AND (CAST(:since AS DATE) IS NULL OR o.created_at >= CAST(:since AS DATE))
  UNION ALL
  SELECT o.id AS id, 1 AS place
  FROM opportunity AS o
  WHERE o.deleted_at IS NULL AND o.merged_into_id IS NULL
    AND (CAST(:since AS DATE) IS NULL OR o.created_at >= CAST(:since AS DATE))
),
furthest AS (
  SELECT id, MAX(place) AS place FROM came GROUP BY id
),
counted AS (
  SELECT r.place AS place, r.stage AS stage,
    SUM(CASE WHEN f.place >= r.place THEN 1 ELSE 0 END) AS reached
  FROM ranks AS r
  CROSS JOIN furthest AS f
  GROUP BY r.place, r.stage
)
SELECT
  c.stage AS stage,
  c.reached AS reached,
  CASE WHEN b.reached > 0 THEN ROUND(100.0 * c.reached / b.reached, 1) END AS percent_of_before,
  CASE WHEN a.reached > 0 THEN ROUND(100.0 * c.reached / a.reached, 1) END AS percent_of_all
FROM counted AS c
LEFT JOIN counted AS b ON b.place = c.place - 1
LEFT JOIN counted AS a ON a.place = 1
ORDER BY c.place
