// A working day of a town centre, as the design pictures show it. Persons and numbers are invented.
import type { CaseRow, Light, LightLevel, Relay } from '../src/api/types'
import { ALLOWANCE, ONE, RELIEF, relayOf, SUBSIDY } from './relay'

export const light = (level: LightLevel, words: string, spent_share = 0.25, due_words: string | null = null): Light => ({
  level,
  spent_share,
  words,
  due_on: null,
  due_words,
})

let serial = 0
function row(
  lamp: Light,
  matter: string,
  situation: string,
  applicant: string,
  from: string,
  relay: Relay,
  holder: string,
  note: string | null,
  due: string,
  next: string,
): CaseRow {
  serial += 1
  const mine = !next.startsWith('等')
  return {
    id: `c${serial}`,
    case_no: `37052226092100${String(serial).padStart(2, '0')}`,
    matter_short_name: matter,
    situation_words: situation,
    applicant_name: applicant,
    from_name: from,
    relay,
    holder_name: holder,
    holder_note: note,
    light: lamp,
    step_due_words: due,
    next_action: mine ? { action: 'review', label: next } : null,
    next_words: next,
    version: 3,
    state: 'in_review',
  }
}

const days = (left: number, share: number) => light('fine', `还剩 ${left} 个工作日`, share)
const S = '残疾人两项补贴'
const A = '最低生活保障'

export const rows: CaseRow[] = [
  row(light('late', '超 1 个工作日', 1), '临时救助', '支出型，限额内', '李*民', '东宋村', relayOf(RELIEF, { now: 1, late: '超 1 天' }), '本镇', '民政办 第 4 天，限 3 天', '9月28日 (周一)', '审批'),
  row(light('near', '还剩 4 小时', 0.9), '临时救助', '急难型，先行救助', '赵*芬', '后灶村', relayOf(RELIEF, { now: 1 }), '本镇', '分管领导', '今天 15:10', '审批'),
  row(light('near', '还剩 1 个工作日', 0.9), A, '公示第 7 天', '周*义', '罗家村', relayOf(ALLOWANCE, { now: 1 }), '本镇', '公示今天期满', '9月29日 (周二)', '收回公示'),
  row(light('near', '还剩 1 个工作日', 0.9), S, '两项同时', '孙*英', '前毕村', relayOf(SUBSIDY, { now: 1 }), '本镇', '民政办 第 3 天，限 3 天', '9月29日 (周二)', '初审'),
  row(days(2, 0.34), S, '两项同时', '陈*兰', '前梁村', relayOf(SUBSIDY, { now: 2 }), '县残联', '第 2 天，限 3 天', '9月30日 (周三)', '等县残联'),
  row(days(2, 0.34), '生育登记', '生育后', '刘*', '马场村', relayOf(ONE, { now: 0 }), '本镇', '材料后补', '9月30日 (周三)', '后核'),
  row(days(3, 0.25), S, '护理补贴', '吴*山', '杨庙村', relayOf(SUBSIDY, { now: 3 }), '县民政局', '审定 第 1 天，限 3 天', '10月8日 (周四)', '等县民政局'),
  row(days(3, 0.25), S, '异地代收', '郑*霞', '四会市', relayOf(SUBSIDY, { now: 1, coming: true }), '在途', '四会市 → 本镇，9月28日寄出', '10月8日 (周四)', '签收'),
  row(light('paused', '停时，听证中', 0), A, '重病成员', '徐*财', '段家村', relayOf(ALLOWANCE, { now: 2, paused: true }), '县民政局', '听证', '10月9日 (周五)', '等县民政局'),
  row(days(4, 0.2), S, '生活补贴', '宋*兵', '林家屋子村', relayOf(SUBSIDY, { now: 2 }), '县残联', '今天签收，限 3 天', '10月9日 (周五)', '等县残联'),
  row(days(5, 0.15), S, '生活补贴', '韩*伟', '韩屋村', relayOf(SUBSIDY, { now: 3, asked: '问县核对机构' }), '县民政局', '问县核对机构', '10月10日 (周六)', '等县民政局'),
  row(days(6, 0.12), A, '', '冯*玉', '平子滩村', relayOf(ALLOWANCE, { now: 1 }), '本镇', '入户调查 第 1 天，限 4 天', '10月12日 (周一)', '入户'),
  row(days(8, 0.06), A, '重度残疾成员', '许*国', '许家桥村', relayOf(ALLOWANCE, { now: 1 }), '本镇', '今天受理，明天起算', '10月14日 (周三)', '派人入户'),
  row(light('none', '不计时', 0), S, '护理补贴', '高*生', '前梁村', relayOf(SUBSIDY, { now: 4 }), '本镇', '告知', '10月15日 (周四)', '告知'),
  row(light('done', '已办结', 1), S, '护理补贴', '马*莲', '前梁村', relayOf(SUBSIDY, { closed: true }), '已办结', null, '', '等归档'),
]

export const buckets = [
  { code: 'to_accept', label: '待受理', hint: '今天新到 4' },
  { code: 'correcting', label: '待补正', hint: '等申请人' },
  { code: 'paused', label: '已暂停', hint: '听证 1，鉴定 1' },
  { code: 'to_complete', label: '待办结', hint: null },
  { code: 'to_deliver', label: '待送达', hint: null },
  { code: 'elsewhere', label: '别处在办', hint: null },
]
export const counts = {
  to_accept: { total: 11, late: 0, near: 2 },
  correcting: { total: 0, late: 0, near: 0 },
  paused: { total: 2, late: 0, near: 0 },
  to_complete: { total: 38, late: 1, near: 3 },
  to_deliver: { total: 9, late: 0, near: 1 },
  elsewhere: { total: 21, late: 0, near: 0 },
}
