-- `seconds` as it lies on disk: who adds rows up over days anyway spares adding them up per day first.
SELECT * FROM lake_seconds
