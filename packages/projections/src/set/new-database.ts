import { createHash } from 'node:crypto';
import { allProjections } from '../models/index.ts';
import type { Projection } from '../projection/projection.ts';
import { migrate } from '../sql/migrate.ts';
import { migrations } from '../sql/migrations.ts';
import type { Sql } from '../sql/types.ts';
import { createSetStatements } from './tables.ts';
import { ensureVersionSets, signatureOf } from './version-set.ts';

/** Makes in an empty database what the first start of the projections makes there: a set whose tables wait for the log. */
export async function createReadModels(sql: Sql, projections: readonly Projection[] = allProjections): Promise<void> {
  await migrate(sql);
  await ensureVersionSets(sql, projections);
}

/** Another one for every release that makes other tables: 16 hex digits of a digest of the statements. */
export function readModelsKey(projections: readonly Projection[] = allProjections): string {
  const statements = [...migrations.map(({ sql }) => sql), createSetStatements('any', projections)];
  const text = JSON.stringify([...statements, signatureOf(projections)]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
