/**
 * The minimum number of samples of a shown cell is called `minSamples` in the parameters of jobs and the presets of atlases,
 * as everywhere else; it was `least`. The key of a job follows from its parameters. Keys of atlases and plans stay: see
 * `keyForm` in keys.ts. The table of predictions has their name.
 */
export const minSamples = /* sql */ `
UPDATE jobs SET params = json_set(json_remove(params, '$.params.least'), '$.params.minSamples', json_extract(params, '$.params.least'))
WHERE iif(json_valid(params), json_type(params, '$.params.least'), NULL) IS NOT NULL;
UPDATE jobs SET key = job_key(kind, params)
WHERE iif(json_valid(params), json_type(params, '$.params.minSamples'), NULL) IS NOT NULL;
UPDATE atlases SET preset = json_set(json_remove(preset, '$.least'), '$.minSamples', json_extract(preset, '$.least'))
WHERE iif(json_valid(preset), json_type(preset, '$.least'), NULL) IS NOT NULL;

ALTER TABLE answers RENAME TO predictions;
UPDATE checksums SET relation = 'predictions' WHERE relation = 'answers';
`
