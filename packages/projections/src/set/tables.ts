import type { Column, Projection, Table } from '../projection/projection.ts';

/** Text that sorts as bytes, whatever the database's locale: instants and keys compare as strings. */
const textType = 'text collate "C"';

/** Statements that create the schema of a version set with its tables, without the indexes that only reads need. */
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

/** Statements that make the indexes; those that are there already stay. */
export function createIndexStatements(schema: string, projections: readonly Projection[]): string {
  return projections
    .flatMap(({ table }) =>
      table.indexes.map(
        (index, number) =>
          `create index if not exists ${table.name}_by_${number + 1} on ${schema}.${table.name} ${index};`,
      ),
    )
    .join('\n');
}

function createTable(schema: string, projection: Projection): string {
  const { table } = projection;
  const columns = createdColumns(projection).map((column) => `${column.name} ${sqlType(column)}${nullability(column)}`);
  // Nothing is found by a part of the body but through a column or an index of its own; gathering its statistics took longer
  // than making all the indexes of a set.
  return `create table ${schema}.${table.name} (${columns.join(', ')}, primary key (stream, key));
    alter table ${schema}.${table.name} alter column body set statistics 0;`;
}

/** A column as it is created. */
type CreatedColumn = { readonly name: string; readonly type: Column['type'] | 'jsonb' };

/** All columns of a projection's table, in order. */
export function createdColumns({ table, root }: Projection): readonly CreatedColumn[] {
  return [
    ...rowColumns(table),
    ...(table.derivedColumns ?? []),
    { name: 'body', type: 'jsonb' },
    ...(root ? parkingColumns : []),
  ];
}

const parkingColumns: readonly Column[] = [
  { name: 'parked_revision', type: 'int8' },
  { name: 'parked_error', type: 'text' },
];

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

function nullability(column: CreatedColumn): string {
  return ownColumns.some(({ name }) => name === column.name) ? ' not null' : '';
}

function sqlType(column: CreatedColumn): string {
  return column.type === 'text' ? textType : column.type;
}
