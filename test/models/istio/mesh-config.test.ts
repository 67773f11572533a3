import { describe, expect, it } from 'vitest';
import { isDiscovered, meshSettings } from '../../../src/models/istio/mesh-config.ts';
import { istioProfile } from '../../../src/models/istio/profile.ts';

const newest = istioProfile('1.32');

describe('MeshConfig', () => {
  it('has the defaults of Istio where nothing is written', () => {
    expect(meshSettings({}, newest)).toMatchObject({
      rootNamespace: 'istio-system',
      connectTimeout: '10s',
      localityLbSetting: { enabled: true },
      zoneAwareLbSetting: null,
      defaultTrafficPolicy: null,
      outboundTrafficPolicy: 'ALLOW_ANY',
      h2UpgradePolicy: 'DO_NOT_UPGRADE',
      enableAutoMtls: true,
      dnsRefreshRate: '60s',
      defaultServiceExportTo: ['*'],
      terminationDrainDuration: '5s',
      drainDuration: '45s',
      concurrency: null,
    });
  });

  it('knows zoneAwareLbSetting and defaultTrafficPolicy since 1.31', () => {
    const spec = { zoneAwareLbSetting: {}, defaultTrafficPolicy: { outlierDetection: {} } };
    expect(meshSettings(spec, istioProfile('1.30'))).toMatchObject({
      zoneAwareLbSetting: null,
      defaultTrafficPolicy: null,
    });
    expect(meshSettings(spec, istioProfile('1.31'))).toMatchObject(spec);
  });

  it("takes ASM's version numbers for Istio's minor", () => {
    expect(istioProfile('v1.22.6.66').minor).toBe(22);
    expect(istioProfile('v1.18.0').minor).toBe(18);
  });

  it('counts values of the wrong kind as absent', () => {
    const odd = {
      connectTimeout: 'soon',
      rootNamespace: 7,
      serviceSettings: {},
      defaultServiceExportTo: '*',
      localityLbSetting: [],
      defaultConfig: 'x',
      outboundTrafficPolicy: null,
    };
    expect(meshSettings(odd, newest)).toMatchObject({
      connectTimeout: '10s',
      rootNamespace: 'istio-system',
      serviceSettings: [],
      defaultServiceExportTo: ['*'],
      localityLbSetting: { enabled: true },
      outboundTrafficPolicy: 'ALLOW_ANY',
    });
  });

  it('discovers namespaces that one of its selectors fits', () => {
    const { discoverySelectors } = meshSettings(
      {
        discoverySelectors: [
          { matchLabels: { mesh: 'on' } },
          {
            matchExpressions: [
              { key: 'env', operator: 'In', values: ['prod'] },
              { key: 'skip', operator: 'DoesNotExist' },
            ],
          },
        ],
      },
      newest,
    );
    expect(isDiscovered({}, [])).toBe(true);
    expect(isDiscovered({}, discoverySelectors)).toBe(false);
    expect(isDiscovered({ mesh: 'on' }, discoverySelectors)).toBe(true);
    expect(isDiscovered({ env: 'prod' }, discoverySelectors)).toBe(true);
    expect(isDiscovered({ env: 'prod', skip: '' }, discoverySelectors)).toBe(false);
  });
});
