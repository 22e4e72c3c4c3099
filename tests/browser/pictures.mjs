// Takes the pictures of the README from the last walk: node tests/browser/pictures.mjs
// A screenshot of a page has few colours; with a palette of 256 it is a third as large and looks the same.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const WALK = new URL('../../artifacts/relay/', import.meta.url)
const IMAGES = new URL('../../docs/images/', import.meta.url)
const PICTURES = { worklist: 'worklist', 'county-case': 'case', 'follow-at-the-county-screen': 'follow' }
const LARGEST_BYTES = 200_000
/** A palette has 256 places: most for the most frequent colours, the rest for rare ones unlike them, such as the red of a seal. */
const FREQUENT_MAX = 176
const RARE_MAX = 80
const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

mkdirSync(IMAGES, { recursive: true })
for (const [name, image] of Object.entries(PICTURES)) {
  const file = readdirSync(WALK).find((entry) => new RegExp(`^\\d+-${name}\\.png$`).test(entry))
  if (!file) {
    process.stderr.write(`the last walk kept no picture "${name}": run \`make drill-relay\`\n`)
    process.exitCode = 1
    continue
  }
  const bytes = encode(decode(readFileSync(new URL(file, WALK))))
  writeFileSync(new URL(`${image}.png`, IMAGES), bytes)
  process.stdout.write(`docs/images/${image}.png ${bytes.length} bytes\n`)
  if (bytes.length > LARGEST_BYTES) process.exitCode = 1
}

/** Pixels of a PNG as the browser writes it: eight bits a channel, with or without alpha, not interlaced. */
function decode(png) {
  const [width, height, channels] = [png.readUInt32BE(16), png.readUInt32BE(20), { 2: 3, 6: 4 }[png[25]]]
  if (!channels || png[24] !== 8 || png[28] !== 0) throw new Error('not a picture as the browser writes it')
  const parts = []
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)))
  }
  const data = inflateSync(Buffer.concat(parts))
  const stride = width * channels
  const pixels = Buffer.alloc(height * stride)
  for (let y = 0; y < height; y += 1) {
    const filter = data[y * (stride + 1)]
    for (let x = 0; x < stride; x += 1) {
      const left = x >= channels ? pixels[y * stride + x - channels] : 0
      const up = y > 0 ? pixels[(y - 1) * stride + x] : 0
      const corner = y > 0 && x >= channels ? pixels[(y - 1) * stride + x - channels] : 0
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter]
      pixels[y * stride + x] = data[y * (stride + 1) + 1 + x] + guess
    }
  }
  return { width, height, channels, pixels }
}

function paeth(left, up, corner) {
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)]
  if (a <= b && a <= c) return left
  return b <= c ? up : corner
}

/** Of the colours by their frequency the first, and of each coarse shade that is not among them the most frequent. */
function paletteOf(counts) {
  const byCount = [...counts].sort((one, other) => other[1] - one[1]).map(([colour]) => colour)
  const shade = (colour) => colour & 0xe0e0e0
  const frequent = byCount.slice(0, FREQUENT_MAX)
  const seen = new Set(frequent.map(shade))
  const rare = byCount.slice(FREQUENT_MAX).filter((colour) => !seen.has(shade(colour)) && seen.add(shade(colour)))
  return [...frequent, ...rare.slice(0, RARE_MAX)]
}

/** Every colour that has no place in the palette becomes the nearest that has. */
function encode({ width, height, channels, pixels }) {
  const counts = new Map()
  const colourAt = (at) => (pixels[at] << 16) | (pixels[at + 1] << 8) | pixels[at + 2]
  for (let at = 0; at < pixels.length; at += channels) counts.set(colourAt(at), (counts.get(colourAt(at)) ?? 0) + 1)
  const palette = paletteOf(counts)
  const known = new Map(palette.map((colour, index) => [colour, index]))
  const rows = Buffer.alloc(height * (width + 1))
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const colour = colourAt((y * width + x) * channels)
      if (!known.has(colour)) known.set(colour, nearest(palette, colour))
      rows[y * (width + 1) + 1 + x] = known.get(colour)
    }
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([8, 3, 0, 0, 0], 8)
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]))
  return Buffer.concat([SIGNATURE, chunk('IHDR', head), chunk('PLTE', colours), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))])
}

function nearest(palette, colour) {
  const distance = (other) => [16, 8, 0].reduce((sum, shift) => sum + (((colour >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0)
  let best = 0
  for (let index = 1; index < palette.length; index += 1) if (distance(palette[index]) < distance(palette[best])) best = index
  return best
}

function chunk(name, content) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), content])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(content.length, 0)
  frame.writeUInt32BE(crc32(body) >>> 0, 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}
