/**
 * The documentation for people: one page without scripts, made from the OpenAPI document.
 *
 * @module
 */
import { problemKinds } from './problem.ts';
import { tags, type openApiDocument } from './openapi.ts';

type Document = ReturnType<typeof openApiDocument>;
type Operation = NonNullable<NonNullable<Document['paths']>[string]['get']>;
type Entry = { readonly method: string; readonly path: string; readonly operation: Operation };

/** The page as HTML. */
export function docsPage(document: Document): string {
  const entries = entriesOf(document);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(document.info.title)} API</title><style>${style}</style></head><body>
<header><h1>${escape(document.info.title)} <small>${escape(document.info.version)}</small></h1>
<p>${escape(document.info.description ?? '')} The machine-readable document is <a href="/openapi.json">/openapi.json</a>.</p>
<nav>${tags.map(([name]) => `<a href="#${slug(name)}">${escape(name)}</a>`).join('')}<a href="#problems">Errors</a><a href="#schemas">Schemas</a></nav></header>
<main>${tags.map(([name, text]) => section(name, text, entries)).join('')}${problems()}${schemas(document)}</main>
</body></html>`;
}

function entriesOf(document: Document): readonly Entry[] {
  return Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    (['get', 'put', 'post', 'delete'] as const).flatMap((method) => {
      const operation = item[method];
      return operation === undefined ? [] : [{ method, path, operation }];
    }),
  );
}

function section(name: string, text: string, entries: readonly Entry[]): string {
  const own = entries.filter(({ operation }) => operation.tags?.includes(name));
  return `<section id="${slug(name)}"><h2>${escape(name)}</h2><p>${escape(text)}</p>${own.map(details).join('')}</section>`;
}

function details({ method, path, operation }: Entry): string {
  return `<details id="${escape(operation.operationId ?? '')}"><summary><b class="${method}">${method.toUpperCase()}</b> <code>${escape(path)}</code> <span>${escape(operation.summary ?? '')}</span></summary>
${operation.description === undefined ? '' : `<p>${escape(operation.description)}</p>`}
${parameters(operation)}${requestBody(operation)}${responses(operation)}</details>`;
}

function parameters({ parameters = [] }: Operation): string {
  const rows = parameters.flatMap((parameter) =>
    'name' in parameter
      ? [
          `<tr><td><code>${escape(parameter.name)}</code></td><td>${parameter.in}${parameter.required === true ? ', required' : ''}</td><td>${escape(parameter.description ?? descriptionOf(parameter.schema))}</td></tr>`,
        ]
      : [],
  );
  return rows.length === 0 ? '' : `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function descriptionOf(schema: unknown): string {
  return typeof schema === 'object' && schema !== null && 'description' in schema ? String(schema.description) : '';
}

function requestBody({ requestBody }: Operation): string {
  if (requestBody === undefined || !('content' in requestBody)) return '';
  const types = Object.keys(requestBody.content);
  const [media] = Object.values(requestBody.content);
  const example: unknown = media?.example;
  return `<h4>Body <small>${types.map(escape).join(', ')}</small></h4>${example === undefined ? '' : json(example)}${schemaDetails(media?.schema)}`;
}

function responses({ responses }: Operation): string {
  const rows = Object.entries(responses ?? {}).map(([status, response]: [string, unknown]) => {
    const text = descriptionOf(response);
    return `<tr><td><code>${escape(status)}</code></td><td>${escape(text)} ${schemaLink(response)}</td></tr>`;
  });
  return `<h4>Answers</h4><table>${rows.join('')}</table>`;
}

function schemaLink(response: unknown): string {
  const reference = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(response))?.[1];
  return reference === undefined ? '' : `<a href="#schema-${reference}">${reference}</a>`;
}

function schemaDetails(schema: unknown): string {
  return schema === undefined ? '' : `<details><summary>Schema</summary>${json(schema)}</details>`;
}

function problems(): string {
  const rows = Object.entries(problemKinds).map(
    ([code, { status, title }]) =>
      `<tr id="problem-${code}"><td><code>${code}</code></td><td>${status}</td><td>${escape(title)}</td></tr>`,
  );
  return `<section id="problems"><h2>Errors</h2><p>Every error is <code>application/problem+json</code> (RFC 9457).</p><table>${rows.join('')}</table></section>`;
}

function schemas(document: Document): string {
  const entries = Object.entries(document.components?.schemas ?? {});
  return `<section id="schemas"><h2>Schemas</h2>${entries
    .map(
      ([name, schema]) =>
        `<details id="schema-${escape(name)}"><summary>${escape(name)}</summary>${json(schema)}</details>`,
    )
    .join('')}</section>`;
}

function json(value: unknown): string {
  return `<pre>${escape(JSON.stringify(value, null, 2))}</pre>`;
}

function slug(text: string): string {
  return text.toLowerCase().replaceAll(/\W+/g, '-');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

const style = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem}
nav a{margin-right:1rem}h1 small,h4 small{font-weight:normal;opacity:.7}
summary{cursor:pointer;padding:.4rem 0}summary span{opacity:.75}
details{border-bottom:1px solid var(--line);padding-left:.2rem}details details{border:0}
b{display:inline-block;min-width:3.2rem;font-size:.8rem}.get{color:#1a7f37}.post{color:#8250df}.put{color:#9a6700}.delete{color:#cf222e}
table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.3rem .5rem;vertical-align:top}
pre{background:var(--soft);padding:.7rem;overflow:auto;border-radius:.3rem}code{font-family:ui-monospace,monospace}
@media (max-width:40rem){td{display:block;border:0}tr{border-top:1px solid var(--line)}}`;
