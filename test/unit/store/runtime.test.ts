import { describe, expect, it } from 'vitest';
import { requireRuntime, requireSqliteVersion } from '#core/store/sqlite.ts';

const unsuitable: unknown = expect.objectContaining({ code: 'RUNTIME_UNSUITABLE' });

describe('what the database library needs of the runtime', () => {
  it('refuses a Node that would crash in the native part, naming it', () => {
    expect(() => {
      requireRuntime({ napi: '9', node: '20.20.2' });
    }).toThrow(unsuitable);
    expect(() => {
      requireRuntime({ napi: '9', node: '20.20.2' });
    }).toThrow(/Node 20\.20\.2/);
    expect(() => {
      requireRuntime({});
    }).toThrow(unsuitable);
  });

  it.each(['10', '11'])('takes Node-API %s', (napi) => {
    expect(() => {
      requireRuntime({ napi, node: '24.0.0' });
    }).not.toThrow();
  });

  it.each(['3.51.2', '3.50.9', '2.99.99', '3.51', ''])('refuses SQLite "%s"', (version) => {
    expect(() => {
      requireSqliteVersion(version);
    }).toThrow(unsuitable);
  });

  it.each(['3.51.3', '3.51.4', '3.52.0', '4.0.0', '3.100.0'])('takes SQLite %s', (version) => {
    expect(() => {
      requireSqliteVersion(version);
    }).not.toThrow();
  });
});
