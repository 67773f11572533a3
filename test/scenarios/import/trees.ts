// Trees of manifests as people have them, in short.
const env = (variables: Record<string, string>) =>
  Object.keys(variables).length === 0
    ? ''
    : `, env: [${Object.entries(variables)
        .map(([name, value]) => `{ name: ${name}, value: ${JSON.stringify(value)} }`)
        .join(', ')}]`;

export const deployment = (
  name: string,
  options: {
    app?: string;
    version?: string;
    env?: Record<string, string>;
    pod?: string;
    namespace?: string;
  } = {},
) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name}${options.namespace ? `, namespace: ${options.namespace}` : ''} }
spec:
  selector: { matchLabels: { app: ${options.app ?? name} } }
  template:
    metadata: { labels: { app: ${options.app ?? name}${options.version ? `, version: ${options.version}` : ''} } }
    spec: { ${options.pod ? `${options.pod}, ` : ''}containers: [{ name: main, image: "example/${name}:1"${env(options.env ?? {})} }] }
`;

export const service = (name: string, port: number, portName = 'http', namespace?: string) => `apiVersion: v1
kind: Service
metadata: { name: ${name}${namespace ? `, namespace: ${namespace}` : ''} }
spec: { selector: { app: ${name} }, ports: [{ name: ${portName}, port: ${port} }] }
`;

export const GATEWAY = `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: front }
spec:
  selector: { istio: ingressgateway }
  servers: [{ port: { number: 80, name: http, protocol: HTTP }, hosts: ["*"] }]
`;

export const virtualService = (
  host: string,
  destination: string,
  port: number,
) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: front }
spec:
  hosts: ["${host}"]
  gateways: [front]
  http:
    - match: [{ uri: { prefix: /shop } }]
      route: [{ destination: { host: ${destination}, port: { number: ${port} } } }]
`;

export const all = (...documents: string[]): string => documents.join('---\n');

/** A shop whose parts know each other by environment variables, with stores that are no part of the mesh's traffic. */
export const SHOP_TREE: Record<string, string> = {
  'app/shop.yaml': all(
    deployment('frontend', {
      env: {
        PORT: '8080',
        CATALOG_SERVICE_ADDR: 'catalog:3550',
        CART_URL: 'http://cart/api',
        NAME: 'catalog',
      },
    }),
    service('frontend', 80),
    deployment('catalog', { env: { DB_ADDR: 'mysql:3306' } }),
    service('catalog', 3550, 'grpc'),
    deployment('cart', {
      env: { REDIS_ADDR: 'redis:6379', CATALOG_HOST: 'catalog', FRONTEND_URL: 'http://frontend' },
    }),
    service('cart', 80),
    deployment('redis'),
    service('redis', 6379, 'tcp-redis'),
    deployment('mysql'),
    service('mysql', 3306, 'tcp-mysql'),
  ),
  'app/istio.yaml': all(GATEWAY, virtualService('shop.example.com', 'frontend', 80)),
  'chart/templates/web.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: {{ .Values.name }} }\n',
  'chart/values.yaml': 'name: web\n',
  'kustomization.yaml':
    'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [app/shop.yaml]\n',
  'broken/half.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: half\n',
  'package.json': '{ "name": "shop" }',
};
