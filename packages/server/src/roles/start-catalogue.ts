import { readFile } from 'node:fs/promises';
import { catalogueSchema, importServicePlanCsv, sampleCatalogue, type Catalogue } from '@perennial/domain';
import type { Shared } from './shared.ts';

/** The configured catalogue cannot be used. */
export class CatalogueFileError extends Error {
  override readonly name = 'CatalogueFileError';
  readonly code = 'CATALOGUE_INVALID';
}

const by = {
  actor: { type: 'system', id: 'start', roles: [] },
  commandId: 'catalogue:start',
  correlationId: 'catalogue:start',
} as const;

/**
 * Publishes the configured catalogue, or the shipped sample while nothing is published. One that is in force already
 * changes nothing.
 *
 * @throws CatalogueFileError when the file is neither a JSON catalogue nor Microsoft's CSV.
 */
export async function putCatalogueInForce(shared: Shared, progress: (text: string) => void): Promise<void> {
  const { configuration, catalogue } = shared;
  if (configuration.cataloguePath === null) {
    if (catalogue.current() === undefined) await catalogue.publish(sampleCatalogue, by);
    return;
  }
  const wanted = await readCatalogue(configuration.cataloguePath, progress);
  await catalogue.publish(wanted, by);
}

async function readCatalogue(path: string, progress: (text: string) => void): Promise<Catalogue> {
  const text = await readFile(path, 'utf8');
  try {
    if (!/^\s*\{/.test(text)) {
      const { catalogue, oddities } = importServicePlanCsv(text);
      progress(
        `catalogue: ${catalogue.plans.length} plans imported, ${oddities.length} oddities (perennial catalogue import shows them)`,
      );
      return catalogue;
    }
    return catalogueSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CatalogueFileError(
      `PERENNIAL_CATALOGUE (${path}) is neither a JSON catalogue nor Microsoft's product/service-plan CSV: ${firstLine(error)}`,
      { cause: error },
    );
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 3).join(' ');
}
