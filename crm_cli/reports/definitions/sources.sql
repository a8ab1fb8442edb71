-- title: Imports by source
-- description: What each source delivered and how good it was: rows, created, updated, rejected, and suspected duplicates.
-- chart: bar source rejected
SELECT
  s.name AS source,
  COUNT(*) AS batches,
  SUM(b.rows) AS row_count,
  SUM(b.created) AS created,
  SUM(b.updated) AS updated,
  SUM(b.rejected) AS rejected,
  SUM(b.suspected) AS suspected,
  ROUND(100.0 * SUM(b.rejected) / NULLIF(SUM(b.rows), 0), 1) AS rejected_percent
FROM import_batch AS b
JOIN source_system AS s ON s.id = b.source_system_id
WHERE b.status = 'applied'
GROUP BY s.name
ORDER BY s.name
