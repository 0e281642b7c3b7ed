-- What a search asks of a request's bytes; SearchFunctions has the same for the embedded database. What cannot be read
-- is null: it is not found. Made anew at each start.
CREATE OR REPLACE FUNCTION caravan_header(properties text, wanted text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT string_agg(value, E'\n')
        FROM jsonb_each((properties::jsonb ->> 'CaravanHeaders')::jsonb) header (name, all_values),
            jsonb_array_elements_text(all_values) value
        WHERE lower(name) = wanted);
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION caravan_body_text(body bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN convert_from(body, 'UTF8');
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION caravan_body_at(body bytea, path text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    found jsonb;
BEGIN
    found := convert_from(body, 'UTF8')::jsonb #> string_to_array(path, '.');
    RETURN CASE WHEN jsonb_typeof(found) IN ('string', 'number', 'boolean') THEN found #>> '{}' END;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION caravan_body_number(body bytea, path text) RETURNS double precision LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN caravan_body_at(body, path)::double precision;
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION caravan_answers(history text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN (SELECT string_agg(concat_ws(E'\n', attempt ->> 'error', attempt ->> 'responseExcerpt'), E'\n')
        FROM jsonb_array_elements(history::jsonb) attempt);
EXCEPTION WHEN others THEN
    RETURN NULL;
END $$;
