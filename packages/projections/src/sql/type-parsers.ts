import { types } from 'pg';

/** How texts of the database become values, for both engines: `int8` a number, `date` its text, so that JSON is equal. */
export const getTypeParser: typeof types.getTypeParser = (oid, format) => {
  if (oid === types.builtins.INT8) return Number;
  return oid === types.builtins.DATE ? (text: string) => text : types.getTypeParser(oid, format ?? 'text');
};
