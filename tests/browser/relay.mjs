// The main job, walked by people through the real pages: 残疾人两项补贴 from 前梁村 to 利津县 and home.
// Started by `make drill-relay`, which brings up a platform, keeps its clock and reads these lines.
import { APPLICANT, IS_SHORT } from './lib/settings.mjs'
import { figures, raise, report, strike } from './lib/stage.mjs'
import { draw } from './lib/papers.mjs'
import { walkHome, walkToTheTown } from './lib/village.mjs'
import { accept, firstReview, tellTheResult } from './lib/town.mjs'
import { decide, examineAtTheFederation } from './lib/county.mjs'
import { follow } from './lib/public.mjs'

try {
  await raise()
  const papers = await draw(APPLICANT)
  const receipt = await walkToTheTown(APPLICANT, papers)
  await accept(receipt)
  if (!IS_SHORT) {
    await firstReview(receipt)
    await examineAtTheFederation(receipt)
    await follow(receipt, 'at-the-county')
    await decide(receipt)
    await tellTheResult(receipt)
    await walkHome(receipt)
    await follow(receipt, 'at-home')
  }
} catch (error) {
  // A failed step has said what was wrong; what failed outside of one has not.
  if (figures.failed === 0) {
    figures.failed = 1
    process.stderr.write(`${error.stack}\n`)
  }
} finally {
  report()
  await strike()
}
process.exit(figures.failed === 0 ? 0 : 1)
