// What functions and statements of several stores begin with, when they lock and then look, or promise that something is on disk.
import type { Migration } from '@gesta/core/ports'

/**
 * `s`: the schema, quoted. In READ COMMITTED each statement of a volatile function sees what was committed before it began, so also what
 * others did before a lock was given. `set_config` with `true` holds until the end of the transaction, and so for its COMMIT.
 */
export function beginChange(s: string): Migration {
  const createBeginChange = `CREATE FUNCTION ${s}.begin_change(waits_for_disk boolean) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $begin$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'changes are made in READ COMMITTED only, not in %', current_setting('transaction_isolation')
      USING ERRCODE = 'invalid_transaction_state';
  END IF;
  -- Whoever asks for more, that replicas have applied it, is given that.
  IF waits_for_disk AND current_setting('synchronous_commit') <> 'remote_apply' THEN
    PERFORM set_config('synchronous_commit', 'on', true);
  END IF;
  RETURN true;
END
$begin$`

  return { number: 1, name: 'begin-change', statements: [createBeginChange] }
}
