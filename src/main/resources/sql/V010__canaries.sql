-- So many letters of a bulk replay go first, and the others when these have succeeded; 0 for all at once.
ALTER TABLE job ADD COLUMN IF NOT EXISTS canaries INTEGER DEFAULT 0 NOT NULL;
