-- What operators said about functions: how many calls at once and how often, as the annotations of the same meaning say
-- it. A function that nobody said anything about has no row, or one without words.
CREATE TABLE IF NOT EXISTS function_limit (
    namespace   CHARACTER VARYING(63) NOT NULL,
    name        CHARACTER VARYING(63) NOT NULL,
    concurrency CHARACTER VARYING(20),
    rate        CHARACTER VARYING(20),
    changed_at  BIGINT NOT NULL,
    PRIMARY KEY (namespace, name)
);
