// One case in several states: c1…c15 under review, `blocked` without the right to act, `draft` at the village.
import type { CaseAction, CaseMaterial, CaseView, NewCase } from '../src/api/types'
import { guide } from './catalogue'
import { relayOf, SUBSIDY } from './relay'
import { light } from './rows'

const fileOf = (version_no: number, name: string, code: string, type = 'image/png') => ({
  version_no,
  file_name: name,
  media_type: type,
  size_bytes: 482_311,
  pages: type === 'application/pdf' ? 2 : 1,
  sha256: 'a3f1'.repeat(16),
  added_at: '2026-09-21T08:52:00+08:00',
  added_by: '王*军',
  original_seen: true,
  url: `/api/v1/cases/c5/materials/${code}/${version_no}`,
})

export const materials = (empty = false): CaseMaterial[] => [
  { code: 'M1', name: '申请审核表', necessity: 'required', necessity_label: '必要', note: '系统生成，已签字', status: empty ? 'missing' : 'received', files: empty ? [] : [fileOf(1, '申请审核表.pdf', 'M1', 'application/pdf')] },
  { code: 'M2', name: '残疾人证', necessity: 'required', necessity_label: '必要', note: null, status: empty ? 'missing' : 'received', files: empty ? [] : [fileOf(1, '残疾人证1.png', 'M2'), fileOf(2, '残疾人证2.png', 'M2')] },
  { code: 'M3', name: '居民身份证或户口簿', necessity: 'required', necessity_label: '必要', note: null, status: 'missing', files: [] },
  { code: 'M4', name: '低保身份', necessity: 'internal', necessity_label: '内部核验', note: '不向申请人要，县民政局查', status: 'internal', files: [] },
  { code: 'M5', name: '委托书', necessity: 'conditional', necessity_label: '代办时要', note: null, status: empty ? 'missing' : 'received', files: empty ? [] : [fileOf(1, '委托书.png', 'M5')] },
  { code: 'M6', name: '社会保障卡账户', necessity: 'tolerant', necessity_label: '可后补', note: null, status: 'tolerated', files: [] },
]

const action = (name: CaseAction['action'], label: string, more: Partial<CaseAction> = {}): CaseAction => ({
  action: name,
  label,
  primary: false,
  allowed: true,
  why: null,
  way_out: null,
  basis: [],
  fields: [],
  ...more,
})

const reviewing: CaseAction[] = [
  action('review', '审核通过，移交县民政局', { primary: true, fields: ['opinion', 'note'] }),
  action('ask_correction', '一次告知补正', { fields: ['items'] }),
  action('send_back', '退回汀罗镇', { fields: ['reasons'] }),
  action('refuse_acceptance', '不予受理', {
    allowed: false,
    why: '已经受理，不能再不予受理。',
    way_out: '认为不符合条件，请在结论里写明。',
    basis: ['行政许可法 第三十二条'],
  }),
]
const blocked: CaseAction[] = [
  action('review', '审核通过，移交县民政局', {
    primary: true,
    allowed: false,
    why: '您现在不能移交：A角孙*群今天在岗。您是 B角，A角外出或请假时才由您签。',
    way_out: '请孙*群登录后办；他请假后您这里会自动可以办。',
    basis: ['县民政局 审定，会同县残联：国发〔2015〕52号，申请审核程序', '县残联 审核类别和等级：县权责清单，2026年1月5日公布'],
    fields: ['opinion', 'note'],
  }),
]

export function caseOf(id: string): CaseView {
  const draft = id.startsWith('draft')
  const decided = id === 'decided'
  const deciding = id === 'deciding'
  const correcting = id === 'correcting'
  return {
    id,
    case_no: draft ? null : '370522260921000047',
    version: 3,
    state: draft ? 'draft' : 'in_review',
    state_label: draft ? '草稿' : decided ? '待送达' : '审核中',
    outcome: decided ? 'granted' : null,
    bucket: 'to_complete',
    custody: 'held',
    matter: { basic_code: '370511014000', name: '困难残疾人生活补贴和重度残疾人护理补贴资格认定', short_name: '残疾人两项补贴资格认定', project_type: 'promised' },
    situations: [{ code: 'S3', title: '两项同时申请' }],
    applicant: { kind: 'person', name: '陈*兰', identity_number: '3705**************42', telephone: '137****0416', address: '利津县汀罗镇前梁村' },
    members: [
      { name: '陈*国', identity_number: '3705**************17', relation: '配偶' },
      { name: '陈*', identity_number: '3705**************28', relation: '子女' },
    ],
    form: [
      { code: 'category', label: '残疾类别', value: '肢体' },
      { code: 'level', label: '残疾等级', value: '二级' },
      { code: 'valid', label: '残疾人证有效期至', value: '2029年6月30日' },
      { code: 'bank', label: '发放账户', value: '社会保障卡，尾号 7731' },
    ],
    agent: { name: '王*军', basis: '村委会受托' },
    origin: { tenant_id: 370522102201, name: '前梁村服务站' },
    materials: materials(draft),
    step: draft ? null : { code: '3', name: '审核残疾类别和等级', kind: 'review', department_name: '县残联', opinion_label: '审核意见' },
    lights: {
      step: draft ? light('none', '还没开始计时') : light('fine', '还剩 2 个工作日', 0.34, '9月30日 (周三)'),
      whole: draft ? light('none', '还没开始计时') : light('fine', '还剩 6 个工作日', 0.45, '10月12日 (周一)'),
    },
    relay: relayOf(SUBSIDY, { now: draft ? 0 : decided ? 4 : 2 }),
    timeline: [
      { place: '前梁村服务站', level: 1, state: draft ? 'now' : 'done', at_words: '9月21日 8:50', detail: '离线收件，设备时间已核', due_words: null },
      { place: '汀罗镇', level: 2, state: draft ? 'next' : 'done', at_words: draft ? null : '9月21日 14:05', detail: draft ? null : '受理、初审，用 3 天', due_words: null },
      { place: '县残联', level: 3, state: draft ? 'next' : 'now', at_words: draft ? null : '9月24日 16:20', detail: draft ? null : '签收：孙*群。今天第 2 天，限 3 天', due_words: null },
      { place: '县民政局', level: 3, state: 'next', at_words: null, detail: null, due_words: '10月12日前' },
      { place: '汀罗镇', level: 2, state: 'next', at_words: null, detail: null, due_words: '10月15日前' },
      { place: '前梁村服务站', level: 1, state: 'next', at_words: null, detail: null, due_words: null },
    ],
    actions: draft
      ? [action('file', '收件登记，出回执', { primary: true }), action('withdraw', '撤回', { fields: ['reasons'] })]
      : decided
        ? [action('deliver', '送达申请人', { primary: true, fields: ['note'] })]
        : deciding
          ? [action('decide', '签发决定', { primary: true, fields: ['outcome', 'opinion', 'reasons', 'result_number'] }), ...reviewing.slice(1)]
          : id === 'blocked'
            ? blocked
            : reviewing,
    correction: correcting ? { notice_items: [{ material_code: 'M3', message: '户口簿第 2 页没拍到，请补拍' }], asked_at_words: '9月22日 (周二)' } : null,
    decision: decided
      ? { outcome: 'granted', opinion: '符合重度残疾人护理补贴条件，自 2026年9月起计发。', result_name: '资格认定结果告知书', result_number: '利民残补〔2026〕47号', decided_at_words: '9月28日 (周一)', decided_by: '李*梅' }
      : null,
  }
}

export function draftFrom(input: NewCase): CaseView {
  const view = caseOf('draft1')
  const star = (text: string) => text.slice(0, 1) + '*'.repeat(Math.max(0, text.length - 2)) + text.slice(-1)
  return {
    ...view,
    applicant: { ...view.applicant, kind: input.applicant.kind, name: star(input.applicant.name), telephone: input.applicant.telephone.replace(/^(...).*(....)$/, '$1****$2') },
    form: Object.entries(input.form).map(([code, value]) => ({ code, label: guide.matter.fields.find((field) => field.code === code)?.label ?? code, value })),
  }
}

export const events = [
  ['9月21日', 'filed', '收件', '王*军', '前梁村服务站', '出具提交回执'],
  ['9月21日', 'handed_on', '移交', '王*军', '前梁村服务站', '交汀罗镇'],
  ['9月21日', 'taken', '签收', '刘*伟', '汀罗镇', null],
  ['9月21日', 'accepted', '受理', '刘*伟', '汀罗镇', '出具受理通知书'],
  ['9月24日', 'reviewed', '初审', '赵*', '汀罗镇 民政办', '材料齐全，情况属实。'],
  ['9月24日', 'taken', '签收', '孙*群', '利津县 残联', null],
].map(([, kind, label, actor_name, tenant_name, detail], index) => ({
  seq: index + 1,
  at: `2026-09-2${index < 4 ? 1 : 4}T0${index + 1}:05:00Z`,
  kind,
  label,
  actor_name,
  tenant_name,
  detail,
  hash: Array.from({ length: 32 }, (_, byte) => ((byte * 37 + index * 91 + 13) % 256).toString(16).padStart(2, '0')).join(''),
}))
