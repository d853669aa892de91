export { appSchema, catalogueSchema, planSchema, type App, type Catalogue, type Plan } from './catalogue.ts';
export { importServicePlanCsv, type CatalogueImport } from './import-csv.ts';
export { CatalogueImportError, type CatalogueImportErrorCode, type Oddity, type OddityCode } from './import-outcome.ts';
export { evolveCatalogue, initialCatalogue, publicationOf, type CatalogueState } from './published.ts';
export { sampleCatalogue } from './sample-catalogue.ts';
