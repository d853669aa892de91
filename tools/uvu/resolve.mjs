// Lets every `import … from 'uvu'` get `uvu.mjs`, which itself gets uvu.
const speaking = new URL('uvu.mjs', import.meta.url).href;

/** A resolve hook, for both kinds of registration: it hands on what the next one answers, a promise or not. */
export function resolve(specifier, context, nextResolve) {
  if (specifier === 'uvu' && context.parentURL !== speaking) return { url: speaking, shortCircuit: true };
  return nextResolve(specifier, context);
}
