/** `http.get`, `http.post`, `http.client` (sdk extensions/cel/libs/http). */
import { CelError } from '../../errors.ts';
import type { Library, Overload } from '../../library.ts';
import { isMap, mapFind } from '../../runtime/maps.ts';
import { ANY, mapOf, STRING } from '../../types.ts';
import type { Value } from '../../values.ts';
import { declare, member } from '../declare.ts';
import { type AskContext, answer, Context, type ContextQuestion, HTTP_TYPE } from './context.ts';
import { jsonValue, nativeStrings } from './native.ts';

/** Requests, with the certificates they trust besides the system's. */
export class HttpContext extends Context {
  readonly $caBundle: string;
  constructor(ask: AskContext, policyNamespace: string | undefined, caBundle = '') {
    super(HTTP_TYPE, ask, policyNamespace);
    this.$caBundle = caBundle;
  }
}

const FAILED = 'request failed';
const NO_HEADERS: Value = {};

/** Kyverno refuses requests of policies in a namespace unless it is told otherwise; its mocks answer them before. */
function request(http: HttpContext, question: ContextQuestion): Value {
  const refusing: AskContext = (asked) =>
    http.$ask(asked) ?? {
      error:
        'http calls are not allowed in namespaced policies: set --allowHTTPInNamespacedPolicies to enable',
    };
  const namespaced = http.$policyNamespace !== undefined;
  const asked = namespaced ? new HttpContext(refusing, http.$policyNamespace) : http;
  return withIntStatus(answer(asked, question, FAILED, 'floats'));
}

/** The one number of a response that does not come from its body. */
function withIntStatus(response: Value): Value {
  if (!isMap(response)) return response;
  const status = mapFind(response, 'statusCode');
  return status instanceof Number && Number.isSafeInteger(status.valueOf())
    ? { ...response, statusCode: status.valueOf() }
    : response;
}

function get(http: HttpContext, url: string, headers: Value = NO_HEADERS): Value {
  const { $caBundle: caBundle } = http;
  return request(http, { kind: 'http', method: 'GET', url, headers: nativeStrings(headers, 2), caBundle });
}

function post(http: HttpContext, url: string, data: Value, headers: Value = NO_HEADERS): Value {
  const { $caBundle: caBundle } = http;
  const body = jsonValue(data, 2);
  return request(http, {
    kind: 'http',
    method: 'POST',
    url,
    headers: nativeStrings(headers, 3),
    caBundle,
    body,
  });
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/;

function client(http: HttpContext, caBundle: string): HttpContext {
  if (caBundle === '') return http;
  if (!CERTIFICATE.test(caBundle)) {
    throw new CelError('invalid-argument', `${FAILED}: failed to parse PEM CA bundle for APICall`);
  }
  return new HttpContext(http.$ask, http.$policyNamespace, caBundle);
}

const HEADERS = mapOf(STRING, STRING);

const gets = (form: string): readonly Overload[] => [
  member(`http_get_string_${form}`, [HTTP_TYPE, STRING], ANY, get),
  member(`http_get_string_headers_${form}`, [HTTP_TYPE, STRING, HEADERS], ANY, get),
];
const posts = (form: string): readonly Overload[] => [
  member(`http_post_string_any_${form}`, [HTTP_TYPE, STRING, ANY], ANY, post),
  member(`http_post_string_any_headers_${form}`, [HTTP_TYPE, STRING, ANY, HEADERS], ANY, post),
];
const clients = (form: string): readonly Overload[] => [
  member(`http_client_string_${form}`, [HTTP_TYPE, STRING], HTTP_TYPE, client),
];

export const http: Library = Object.freeze({
  name: 'kyverno.http',
  functions: declare({
    Get: gets('pascal'),
    Post: posts('pascal'),
    Client: clients('pascal'),
    get: gets('camel'),
    post: posts('camel'),
    client: clients('camel'),
  }),
});
