-- Which node ran an attempt; of a call whose row says all, the node that began or settled it last.
ALTER TABLE async_call ADD COLUMN worker CHARACTER VARYING(64);
ALTER TABLE attempt ADD COLUMN worker CHARACTER VARYING(64);
