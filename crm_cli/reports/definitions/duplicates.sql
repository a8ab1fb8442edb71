-- title: Duplicates
-- description: By entity: living records, the pairs of the last search by what it took them for, how many of them a person decided, and how many records were merged away so far.
-- chart: bar entity suspected
WITH living AS (
  SELECT 'account' AS entity, COUNT(*) AS records FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL
  UNION ALL
  SELECT 'contact' AS entity, COUNT(*) AS records FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL
  UNION ALL
  SELECT 'lead' AS entity, COUNT(*) AS records FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL
),
last_run AS (
  SELECT entity, MAX(id) AS id FROM match_run WHERE finished_at IS NOT NULL GROUP BY entity
),
pairs AS (
  SELECT p.entity AS entity,
    SUM(CASE WHEN p.verdict = 'duplicate' THEN 1 ELSE 0 END) AS suspected,
    SUM(CASE WHEN p.verdict = 'unsure' THEN 1 ELSE 0 END) AS to_review
  FROM match_pair AS p
  JOIN last_run AS n ON n.id = p.run_id
  GROUP BY p.entity
),
decided AS (
  SELECT entity, COUNT(*) AS decided FROM match_decision GROUP BY entity
),
merged AS (
  SELECT 'account' AS entity, COUNT(*) AS merged FROM account WHERE merged_into_id IS NOT NULL
  UNION ALL
  SELECT 'contact' AS entity, COUNT(*) AS merged FROM contact WHERE merged_into_id IS NOT NULL
  UNION ALL
  SELECT 'lead' AS entity, COUNT(*) AS merged FROM lead WHERE merged_into_id IS NOT NULL
)
SELECT
  l.entity AS entity,
  l.records AS records,
  COALESCE(p.suspected, 0) AS suspected,
  COALESCE(p.to_review, 0) AS to_review,
  COALESCE(d.decided, 0) AS decided,
  m.merged AS merged
FROM living AS l
JOIN merged AS m ON m.entity = l.entity
LEFT JOIN pairs AS p ON p.entity = l.entity
LEFT JOIN decided AS d ON d.entity = l.entity
ORDER BY l.entity
