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
  {
    number: 2,
    name: 'building beside',
    sql: `
      alter table perennial.version_sets
        add column purpose text not null default 'release' check (purpose in ('release', 'rebuild', 'verify')),
        -- Whether the bulk of the log is in it and its indexes are made.
        add column filled boolean not null default true,
        -- Whether it takes over by itself once it is at parity.
        add column by_hand boolean not null default false,
        -- Whether another release than its own has written into it.
        add column mixed boolean not null default false,
        add column event_count int8 not null default 0,
        -- When somebody last worked on it, while it is built.
        add column touched_at timestamptz not null default now();
    `,
  },
  {
    number: 3,
    name: 'rebuilding some',
    sql: `
      alter table perennial.version_sets
        -- Names of the projections that are folded from the log, separated by spaces; null: all.
        add column folded text,
        -- Position of the live tables when those of the others were copied from them.
        add column copied_at int8;
    `,
  },
];
