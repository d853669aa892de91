export { lifecycleDocument } from './lifecycle-document.ts';
