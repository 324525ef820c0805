import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { costs, fails, holds } from './testing.ts';
import { formatUrl, parseUrl, toText, UrlError } from './url-parse.ts';

describe('parts', () => {
  holds([
    'url("HTTPS://example.com").getScheme() == "https"',
    'url("https://u:p@example.com:80/").getHost() == "example.com:80"',
    'url("https://[::1]:80/").getHostname() == "::1" && url("https://[::1]:80/").getPort() == "80"',
    'url("https://h/a%2Fb").getEscapedPath() == "/a%2Fb" && url("https://h/a b%2Fc").getEscapedPath() == "/a%20b/c"',
    'url("mailto:a@b").getEscapedPath() == ""',
    'url("https://h/?a=1&a=2&b=c+d&e=%zz&f;g").getQuery() == {"a": ["1", "2"], "b": ["c d"]}',
    'url("https://h/?").getQuery() == {}',
    'url("postgres://a:1,b:2/db").getHost() == "a:1,b:2"',
    'url("https://%C3%A9.com").getHost() == "é.com"',
  ]);
});

describe('what is one', () => {
  holds([
    'isURL("/path") && isURL("//host") && isURL("mailto:a@b")',
    '!isURL("") && !isURL("foo") && !isURL("../x") && !isURL("https://[::1")',
    'url("https://h/a b") == url("https://h/a%20b") && url("https://h") != url("https://h/")',
  ]);
  const says = (text: string, problem: string) =>
    `URL parse error during conversion from string: parse "${text}": ${problem}`;
  fails({
    'url("foo")': says('foo', 'invalid URI for request'),
    'url("")': says('', 'empty url'),
    'url("https://a b/")': says('https://a b/', 'invalid character " " in host name'),
    'url("https://a:1:2/")': says('https://a:1:2/', 'invalid port ":1:2" after host'),
    'url("https://h/%e")': says('https://h/%e', 'invalid URL escape "%e"'),
    'url("https://h/\\u0001")': says('https://h/\\x01', 'net/url: invalid control character in URL'),
    'url("https://h") == dyn("https://h")': 'no such overload',
  });
});

describe('costs', () => {
  costs({
    'url("https://h")': 1,
    'isURL("https://h/aaaaaaaaaaaaaaaaaaaa")': 1,
    'url("https://h").getHost()': 2,
  });
});

it('the text of a URL reads back as the same URL', () => {
  const part = fc.constantFrom(
    'http://',
    'h',
    '/',
    'a',
    '?',
    '#',
    '%20',
    ' ',
    'é',
    ':80',
    '@',
    '[::1]',
    '&=',
    ';',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      let parsed: ReturnType<typeof parseUrl>;
      try {
        parsed = parseUrl(parts.join(''));
      } catch (error) {
        assert.ok(error instanceof UrlError);
        return;
      }
      const text = toText(formatUrl(parsed));
      assert.equal(toText(formatUrl(parseUrl(text))), text);
    }),
  );
});
