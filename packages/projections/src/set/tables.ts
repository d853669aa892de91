import type { Column, Projection, Table } from '../projection/projection.ts';

/** Text that sorts as bytes, whatever the database's locale: instants and keys compare as strings. */
const textType = 'text collate "C"';

/** Statements that create the schema of a version set with its tables. */
export function createSetStatements(schema: string, projections: readonly Projection[]): string {
  return [
    `create schema ${schema};`,
    ...projections.map((projection) => createTable(schema, projection)),
    `create table ${schema}.checkpoint (
      one boolean primary key default true check (one),
      position int8 not null,
      stream_sequence int8 not null,
      stream_created ${textType} not null,
      log_id ${textType} not null
    );`,
    `insert into ${schema}.checkpoint values (true, -1, 0, '', '');`,
    `create sequence ${schema}.feed_generation;`,
    `create table ${schema}.feed_outbox (
      model ${textType} not null,
      tenant ${textType} not null,
      key ${textType} not null,
      generation int8 not null default nextval('${schema}.feed_generation'),
      primary key (model, tenant, key)
    );`,
    `create index on ${schema}.feed_outbox (generation);`,
  ].join('\n');
}

function createTable(schema: string, projection: Projection): string {
  const { table } = projection;
  const columns = [
    ...rowColumns(table).map((column) => `${column.name} ${sqlType(column)}${nullability(column)}`),
    ...(table.derivedColumns ?? []).map((column) => `${column.name} ${sqlType(column)}`),
    'body jsonb',
    ...(projection.root ? ['parked_revision int8', 'parked_error text'] : []),
  ];
  return [
    `create table ${schema}.${table.name} (${columns.join(', ')}, primary key (stream, key));`,
    ...table.indexes.map((index) => `create index on ${schema}.${table.name} ${index};`),
  ].join('\n');
}

/** Columns that every row has, before the projection's own. */
const ownColumns: readonly Column[] = [
  { name: 'stream', type: 'text' },
  { name: 'key', type: 'text' },
  { name: 'revision', type: 'int8' },
  { name: 'position', type: 'int8' },
];

/** All columns that a write fills, but the body and the parking of a root row. */
export function rowColumns(table: Table): readonly Column[] {
  return [...ownColumns, ...table.columns];
}

function nullability(column: Column): string {
  return ownColumns.includes(column) ? ' not null' : '';
}

function sqlType(column: Column): string {
  return column.type === 'text' ? textType : column.type;
}
