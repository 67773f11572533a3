import { describe, expect, it } from 'vitest';
import { parseJson, parseJsonStream } from '../../../src/scenarios/envoy-dump/json-text.ts';

describe('JSON of others', () => {
  it('is parsed as JSON.parse does', () => {
    for (const text of ['{"a":[1,-2.5e3,true,null,"x\\u0041\\n"]}', '[]', ' 3 ', '{"a":{},"b":[[]]}'])
      expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
  });

  it.each([
    ['', 1, 1, 'the text is empty'],
    ['{"a": 1', 1, 7, 'ends before the { of line 1 is closed'],
    ['{\n  "a": [1, 2\n}', 3, 1, '"," or "]" is needed here, not "}"'],
    ['{\n  a: 1\n}', 2, 3, 'a name in double quotes is needed here, not "a:"'],
    ['{"a": "b', 1, 7, 'the text ends before these quotes are closed'],
    ['{"a": 1, "b\\', 1, 10, 'the text ends before these quotes are closed'],
    ['{"a" 1}', 1, 6, '":" is needed after the name, not "1}"'],
    ['{"a": 1,}', 1, 9, 'a name in double quotes is needed here, not "}"'],
    ['[1, ]', 1, 5, 'a value is needed here, not "]"'],
    ['{"a": yes}', 1, 7, 'a value is needed here, not "yes}"'],
    ['{"a": "two\nlines"}', 1, 7, 'a value is needed here'],
    ['{"a": 1} {"b": 2}', 1, 10, 'nothing may follow the end of the document'],
    ['<html>404</html>', 1, 1, 'a value is needed here, not "<html>404</html>"'],
    ["{'a': 1}", 1, 2, 'a name in double quotes is needed here'],
    ['{"a": 01}', 1, 8, '"," or "}" is needed here, not "1}"'],
  ])('with a mistake has a place and a reason: %j', (text, line, col, message) => {
    expect(() => JSON.parse(text)).toThrow();
    expect(parseJson(text)).toEqual({ message: expect.stringContaining(message), line, col });
  });

  it('may be several documents', () => {
    expect(parseJsonStream('{"a":1}\n{"b":[2]} 3')).toEqual({ values: [{ a: 1 }, { b: [2] }, 3] });
    expect(parseJsonStream(' [1] ')).toEqual({ values: [[1]] });
    expect(parseJsonStream('{"a":1}\n{"b":}')).toEqual({ message: expect.any(String), line: 2, col: 6 });
    expect(parseJsonStream('')).toMatchObject({ message: 'the text is empty' });
  });

  it('finds the mistake in a large text quickly', () => {
    const text = `[${'{"cluster_name":"outbound|80||a"},\n'.repeat(100_000)}`;
    const start = performance.now();
    expect(parseJson(text)).toMatchObject({ line: 100_000 });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('is refused wherever JSON.parse refuses it, whatever character is lost', () => {
    const whole = '{"a": [1, {"b": "c"}], "d": null}';
    for (let i = 0; i < whole.length; i++) {
      const text = whole.slice(0, i) + whole.slice(i + 1);
      let isValid = true;
      try {
        JSON.parse(text);
      } catch {
        isValid = false;
      }
      expect('value' in parseJson(text), text).toBe(isValid);
    }
  });
});
