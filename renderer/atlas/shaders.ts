/** One instance is one cell. The vertex stage looks up, once per corner, in which texture layers the cell's tile is. */
export const CELL_VERTEX = /* glsl */ `
precision highp float;
in vec2 position;
in vec2 cell;
in vec4 face;
in vec4 tint;
in vec3 displaced;
uniform vec2 centre;
uniform vec2 scale;
uniform float grid;
uniform float gridPosition;
uniform sampler2D tiles;
flat out vec4 vFace;
flat out vec4 vTint;
flat out vec3 vTiles;
flat out vec2 vOrigin;
out vec2 vCorner;
void main() {
  vec2 middle = mix(displaced.xy, (cell + .5) / grid, gridPosition);
  vec2 world = middle + (position - .5) * mix(displaced.z, face.a / grid, gridPosition);
  gl_Position = vec4((world - centre) * scale, 0., 1.);
  vFace = face;
  vTint = tint;
  vTiles = texelFetch(tiles, ivec2(cell) / 16, 0).rgb;
  vOrigin = mod(cell, 16.) / 16.;
  vCorner = position;
}`

/**
 * Tiles from coarse to fine: each covers the coarser one as it fades in, the mean colour is below all.
 * A tile's entry is −1 if it is missing, else its texture layer plus how far it has faded in (0….99).
 */
export const CELL_FRAGMENT = /* glsl */ `
precision highp float;
precision highp sampler2DArray;
uniform sampler2DArray small;
uniform sampler2DArray medium;
uniform sampler2DArray large;
uniform float lod;
uniform float crop;
uniform float opacity;
uniform int mode;
uniform vec3 background;
flat in vec4 vFace;
flat in vec4 vTint;
flat in vec3 vTiles;
flat in vec2 vOrigin;
in vec2 vCorner;
out vec4 colour;

vec4 icon(sampler2DArray tile, float entry, float texels, float level) {
  // Half a texel is cut off, else a neighbour's edge would bleed in.
  float edge = max(crop, .5 * exp2(level) / texels);
  vec2 uv = vOrigin + mix(vec2(edge), vec2(1. - edge), vCorner) / 16.;
  return textureLod(tile, vec3(uv, floor(entry)), level);
}

void main() {
  vec3 rgb = vFace.rgb * .72;
  float fine = vTiles.b < 0. ? 0. : min(1., fract(vTiles.b) * 1.02);
  float middle = vTiles.g < 0. ? 0. : min(1., fract(vTiles.g) * 1.02);
  float coarse = vTiles.r < 0. ? 0. : min(1., fract(vTiles.r) * 1.02);
  if (coarse > 0. && fine < 1. && middle < 1.) {
    vec4 t = icon(small, vTiles.r, 16., lod);
    rgb = mix(rgb, t.rgb, t.a * coarse);
  }
  if (middle > 0. && fine < 1.) {
    vec4 t = icon(medium, vTiles.g, 32., 0.);
    rgb = mix(rgb, t.rgb, t.a * middle);
  }
  if (fine > 0.) {
    vec4 t = icon(large, vTiles.b, 80., 0.);
    rgb = mix(rgb, t.rgb, t.a * fine);
  }
  float alpha = opacity;
  if (mode == 1) {
    alpha *= mix(.07, 1., vTint.a);
  } else if (mode > 1) {
    // The icon keeps its light and dark; without attribution it fades into the background.
    float light = dot(rgb, vec3(.299, .587, .114));
    vec3 low = mix(background, vec3(light), .22);
    vec3 high = vTint.rgb * (.3 + .95 * light) * .72 + rgb * .28;
    rgb = mix(low, high, smoothstep(0., .55, vTint.a));
  }
  colour = vec4(rgb, alpha);
}`

/** Frames around cells: hover, selection, and the same samples in another pane. */
export const FRAME_VERTEX = /* glsl */ `
precision highp float;
in vec2 position;
in vec4 box;
in vec4 paint;
in float width;
uniform vec2 centre;
uniform vec2 scale;
uniform float pixel;
flat out vec4 vPaint;
flat out vec2 vEdge;
out vec2 vCorner;
void main() {
  float radius = (width + 1.) * pixel;
  vec2 world = box.xy - radius + position * (box.zw + 2. * radius);
  gl_Position = vec4((world - centre) * scale, 0., 1.);
  vPaint = paint;
  vEdge = vec2(width + 2.) * pixel / (box.zw + 2. * radius);
  vCorner = position;
}`

export const FRAME_FRAGMENT = /* glsl */ `
precision highp float;
flat in vec4 vPaint;
flat in vec2 vEdge;
in vec2 vCorner;
out vec4 colour;
void main() {
  vec2 d = min(vCorner, 1. - vCorner) / vEdge;
  float nearest = min(d.x, d.y);
  if (nearest > 1.) {
    // A filled part only for shares; plain outlines leave the icon alone.
    colour = vec4(vPaint.rgb, 0.);
    discard;
  }
  // The outer third is dark, so that the frame stands out on light icons too.
  colour = nearest < .3 ? vec4(0., 0., 0., .55 * vPaint.a) : vPaint;
}`
