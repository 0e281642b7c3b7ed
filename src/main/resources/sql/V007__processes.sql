-- Where several processes write one ledger, each takes a number when it opens it and counts its calls in a range of its
-- own (call_no). An embedded ledger has one process and does not use it.
CREATE SEQUENCE IF NOT EXISTS ledger_process;
