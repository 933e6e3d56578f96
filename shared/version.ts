/** Custos's own version, as bundles and reports state it. A test holds it against package.json. */
export const VERSION = '0.1.0';
