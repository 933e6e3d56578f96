/** What the files of the store are called. */
export const CATALOGUE_FILE = 'catalogue.db';
export const DERIVED_FILE = 'derived.db';
