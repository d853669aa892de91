import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveSite, codename, parseSources } from './debian-package.ts';

const test = suite('package sources');

const lines = [
  'http://third.example/apt cloud-bookworm main',
  'http://security.example/debian-security bookworm-security main',
  'http://mirror.example/debian bookworm main',
  'http://mirror.example/debian bookworm-updates main',
  '',
].join('\n');

test('the mirror of the distribution itself is chosen', () => {
  assert.is(archiveSite(parseSources(lines), 'bookworm'), 'http://mirror.example/debian');
});

test('there is none when no source serves this release', () => {
  assert.is(archiveSite(parseSources(lines), 'noble'), undefined);
  assert.is(archiveSite(parseSources(''), 'bookworm'), undefined);
  assert.is(archiveSite(parseSources(lines), undefined), undefined);
});

test('the release is read from the system, quoted or not', () => {
  assert.is(codename('ID=debian\nVERSION_CODENAME=bookworm\nNAME="x"'), 'bookworm');
  assert.is(codename('VERSION_CODENAME="trixie"'), 'trixie');
  assert.is(codename('ID=arch'), undefined);
});

test.run();
