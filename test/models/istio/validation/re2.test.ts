// What RE2 takes and what it does not.
import { expect, it } from 'vitest';
import { re2Error } from '../../../../src/models/istio/validation/re2.ts';

it.each([
  '',
  'a.*b+c??',
  'Bearer .+?\\..+?\\..+?',
  '^(?:/a|/b)$',
  '(?i)abc',
  '(?i:abc)',
  '(?P<name>x)(?<other>y)',
  '[^/]+',
  '[]a-z]',
  '[a-]',
  '[[:alpha:]_]',
  '\\d{1,3}(\\.\\d{1,3}){3}',
  'a{,5}',
  '{',
  '\\Q(\\E',
  '\\pL\\p{Greek}',
  '\\x41\\x{1F600}\\101',
  'a|b|',
  '(|a)*',
])('%s is an expression', (pattern) => expect(re2Error(pattern)).toBeUndefined());

it.each([
  ['(?!a)', 'Perl'],
  ['(?=a)', 'Perl'],
  ['(?<=a)', 'Perl'],
  ['(a)\\1', 'escape'],
  ['(a', 'missing closing )'],
  ['a)', 'unexpected )'],
  ['[a', 'missing closing ]'],
  ['[z-a]', 'range'],
  ['[[:word:]-', 'missing closing ]'],
  ['[[:foo:]]', 'range'],
  ['*', 'missing argument'],
  ['a**', 'nested repetition'],
  ['a++', 'nested repetition'],
  ['(*a)', 'missing argument'],
  ['a{1001}', 'repeat count'],
  ['a{3,2}', 'repeat count'],
  ['\\', 'backslash'],
  ['\\y', 'escape'],
  ['\\Z', 'escape'],
  ['\\xZZ', 'escape'],
])('%s is none', (pattern, why) => expect(re2Error(pattern)).toContain(why));
