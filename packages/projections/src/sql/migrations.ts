/** A step of the meta schema; never changed once released. Tables of read models belong to version sets, not here. */
export type Migration = { readonly number: number; readonly name: string; readonly sql: string };

/** All steps, in order. */
export const migrations: readonly Migration[] = [
  {
    number: 1,
    name: 'version sets',
    sql: `
      create table perennial.version_sets (
        set_id int primary key,
        schema_name text not null unique,
        -- name@version of every projection in it, sorted: what the code must match.
        projections text not null,
        status text not null check (status in ('building', 'active', 'retired')),
        created_at timestamptz not null default now()
      );
      create unique index one_active_set on perennial.version_sets (status) where status = 'active';
    `,
  },
];
