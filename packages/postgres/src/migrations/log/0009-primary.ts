// What a version decides, it decides as of now: a replica lags behind, so versions that were read there would allow what was revoked.
import type { Migration } from '@gesta/core/ports'

/** `s`: the schema, quoted. True on the primary, and an error elsewhere. */
export function primary(s: string): Migration {
  const createOnPrimary = `CREATE FUNCTION ${s}.on_primary() RETURNS boolean LANGUAGE plpgsql STABLE AS $primary$
BEGIN
  IF pg_is_in_recovery() THEN
    RAISE EXCEPTION 'versions of streams are read on the primary only' USING ERRCODE = 'read_only_sql_transaction';
  END IF;
  RETURN true;
END
$primary$`
  return { number: 9, name: 'primary', statements: [createOnPrimary] }
}
