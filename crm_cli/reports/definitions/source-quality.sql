-- title: Quality of records by source
-- description: Living records that each source knows by an id of its own: how many stand in a pair that the last search took for duplicates, and how many have open findings.
-- chart: bar source duplicates
WITH living AS (
  SELECT 'account' AS entity, id FROM account WHERE deleted_at IS NULL AND merged_into_id IS NULL
  UNION ALL
  SELECT 'contact' AS entity, id FROM contact WHERE deleted_at IS NULL AND merged_into_id IS NULL
  UNION ALL
  SELECT 'lead' AS entity, id FROM lead WHERE deleted_at IS NULL AND merged_into_id IS NULL
),
known AS (
  SELECT DISTINCT r.source_system_id AS source_system_id, r.entity AS entity, r.record_id AS record_id
  FROM external_ref AS r
  JOIN living AS l ON l.entity = r.entity AND l.id = r.record_id
),
last_run AS (
  SELECT entity, MAX(id) AS id FROM match_run WHERE finished_at IS NOT NULL GROUP BY entity
),
suspected AS (
  SELECT p.entity AS entity, p.left_id AS record_id
  FROM match_pair AS p JOIN last_run AS n ON n.id = p.run_id WHERE p.verdict = 'duplicate'
  UNION
  SELECT p.entity AS entity, p.right_id AS record_id
  FROM match_pair AS p JOIN last_run AS n ON n.id = p.run_id WHERE p.verdict = 'duplicate'
),
found AS (
  SELECT entity, record_id,
    MAX(CASE WHEN severity = 'error' THEN 1 ELSE 0 END) AS has_error,
    MAX(CASE WHEN severity = 'warn' THEN 1 ELSE 0 END) AS has_warning
  FROM finding WHERE status = 'open' GROUP BY entity, record_id
)
SELECT
  s.name AS source,
  COUNT(*) AS records,
  SUM(CASE WHEN d.record_id IS NULL THEN 0 ELSE 1 END) AS duplicates,
  ROUND(100.0 * SUM(CASE WHEN d.record_id IS NULL THEN 0 ELSE 1 END) / COUNT(*), 1) AS duplicates_percent,
  SUM(COALESCE(f.has_error, 0)) AS with_errors,
  SUM(COALESCE(f.has_warning, 0)) AS with_warnings
FROM known AS k
JOIN source_system AS s ON s.id = k.source_system_id
LEFT JOIN suspected AS d ON d.entity = k.entity AND d.record_id = k.record_id
LEFT JOIN found AS f ON f.entity = k.entity AND f.record_id = k.record_id
GROUP BY s.name
ORDER BY s.name
