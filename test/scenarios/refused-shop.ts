// A service in two regions, with a rule that Istio takes and one that it refuses.
const rule = (setting: string) => `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: svc, namespace: default }
spec:
  host: svc
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 5 }
    loadBalancer:
      localityLbSetting:
        distribute: [{ from: r1/*, to: { r1/*: 90, r2/*: 10 } }]
${setting}`;

const workload = (name: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: ${name} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec: { containers: [{ name: app, image: i, ports: [{ containerPort: 8080 }] }] }
---
`;

export const SHOP_FILES = {
  'k8s.yaml': `apiVersion: v1
kind: Namespace
metadata: { name: default, labels: { istio-injection: enabled } }
---
${workload('client')}${workload('svc')}apiVersion: v1
kind: Service
metadata: { name: svc }
spec: { selector: { app: svc }, ports: [{ name: http, port: 8080 }] }
`,
  'fine.yaml': rule(''),
  'both.yaml': rule('        failover: [{ from: r1, to: r2 }]\n'),
};
