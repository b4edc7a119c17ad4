"""Fictitious parties, hazards and answers of the sample office."""

from __future__ import annotations

from datetime import date
from typing import Any

Answers = dict[str, Any]

PARTIES: tuple[Answers, ...] = (
    {
        "party_type": "法人",
        "party_name": "北林区东河镇福满家购物广场有限公司",
        "party_code": "91231202MAFAKE0190",
        "legal_rep": "魏东来",
        "legal_rep_title": "执行董事",
        "party_addr": "绥化市北林区东河镇中心街18号",
        "party_phone": "19900000031",
    },
    {
        "party_type": "法人",
        "party_name": "北林区东河镇顺达货栈有限公司",
        "party_code": "91231202MAFAKE035M",
        "legal_rep": "马顺达",
        "legal_rep_title": "经理",
        "party_addr": "绥化市北林区东河镇站前路7号",
        "party_phone": "19900000032",
    },
    {
        "party_type": "个体工商户",
        "party_name": "北林区东河镇老街便民旅店",
        "party_code": "92231202MAFAKE027P",
        "legal_rep": "姜福",
        "legal_rep_title": "经营者",
        "party_addr": "绥化市北林区东河镇老街3号",
        "party_phone": "19900000041",
    },
)

_TOWNSHIP = "绥化市北林区东河镇人民政府"
OFFICERS: list[Answers] = [
    {"name": name, "cert_no": cert, "org": _TOWNSHIP, "cert_valid_to": "2029-12-31"}
    for name, cert in (("赵正言", "FAKE23120200001"), ("钱守规", "FAKE23120200002"))
]

_LAW = "《中华人民共和国消防法》"
HAZARDS: tuple[Answers, ...] = (
    {
        "desc": "一层东侧安全出口被货架堵塞",
        "location": "一层东门",
        "v_code": "V04",
        "law": f"{_LAW}第二十八条",
        "measure": "立即清除货架，保持畅通",
        "fix": "立即",
    },
    {
        "desc": "南侧消防车通道被摊位占用",
        "location": "建筑南侧",
        "v_code": "V06",
        "law": f"{_LAW}第二十八条",
        "measure": "立即撤除摊位",
        "fix": "立即",
    },
    {
        "desc": "二层8具灭火器压力不足失效",
        "location": "二层",
        "v_code": "V02",
        "law": f"{_LAW}第十六条第一款第二项",
        "measure": "更换或者维修，达到完好有效",
        "fix": "限期",
    },
    {
        "desc": "北侧走道应急照明、疏散指示标志缺失6处",
        "location": "北侧走道",
        "v_code": "V01",
        "law": f"{_LAW}第十六条第一款第二项",
        "measure": "按国家标准补装",
        "fix": "限期",
    },
    {
        "desc": "室内消火栓水带、水枪缺失2套",
        "location": "一层库区",
        "v_code": "V02",
        "law": f"{_LAW}第十六条第一款第二项",
        "measure": "配齐水带、水枪",
        "fix": "限期",
    },
)

_MATTERS: tuple[tuple[str, str, str, str, tuple[str, ...], tuple[str, ...], str], ...] = (
    (
        "WT01",
        "占用、堵塞、封闭疏散通道、安全出口的处罚",
        "第二十八条、第六十条第一款第三项、第二款",
        "警告、罚款",
        ("V04",),
        ("penalty",),
        "单位和个人",
    ),
    (
        "WT02",
        "埋压、圈占、遮挡消火栓或者占用防火间距的处罚",
        "第二十八条、第六十条第一款第四项、第二款",
        "警告、罚款",
        ("V05",),
        ("penalty",),
        "单位和个人",
    ),
    (
        "WT03",
        "占用、堵塞、封闭消防车通道的处罚",
        "第二十八条、第六十条第一款第五项、第二款",
        "警告、罚款",
        ("V06",),
        ("penalty",),
        "单位和个人",
    ),
    (
        "WT04",
        "消防设施、器材、标志配置不符合标准或者未保持完好有效的处罚",
        "第十六条、第六十条第一款第一项",
        "罚款",
        ("V01", "V02"),
        ("penalty",),
        "单位",
    ),
    ("WT05", "与上列事项有关的行政检查", "第五十三条", "—", (), ("inspect",), "单位和个人"),
)


def entrustment_answers(day: date) -> Answers:
    """T01: the brigade entrusts the township for two years."""
    return {
        "issuer_name": "绥化市北林区消防救援大队",
        "issue_date": day.isoformat(),
        "drafter": "孙起草",
        "approver": "周国栋",
        "principal_name": "绥化市北林区消防救援大队",
        "principal_code": "11231202FAKE00013C",
        "principal_head": "周国栋",
        "principal_title": "大队长",
        "agent_name": _TOWNSHIP,
        "agent_code": "11231202FAKE000217",
        "agent_head": "李明远",
        "agent_title": "镇长",
        "basis_clause": "《绥化市消防行政执法委托办法》（绥化市人民政府令第1号，虚构）第六条",
        "area": "东河镇行政区域",
        "matters": [
            {
                "code": c,
                "name": n,
                "law": f"{_LAW}{law}",
                "penalty": p,
                "v_codes": list(v),
                "act_types": list(a),
                "against": against,
            }
            for c, n, law, p, v, a, against in _MATTERS
        ],
        "powers": "对适用警告、罚款的案件依法调查取证，以委托机关名义作出简易程序和普通程序行政处罚决定；"
        "开展与委托事项有关的行政检查、责令改正",
        "exclude": "消防安全重点单位",
        "start_date": day.isoformat(),
        "end_date": date(day.year + 2, day.month, min(day.day, 28)).isoformat(),
        "agent_officers": [{"name": o["name"], "cert_no": o["cert_no"]} for o in OFFICERS],
        "publish_url": "https://example.invalid/wtzf",
        "n_copies": 5,
        "filing_organ": "绥化市北林区司法局",
    }


def responsibility_answers(day: date) -> Answers:
    """T07: officials responsible for fire safety in the township."""
    return {
        "issuer_name": _TOWNSHIP,
        "issue_date": day.isoformat(),
        "drafter": "冯文书",
        "approver": "李明远",
        "town_name": "东河镇",
        "meeting": f"{day.year}年{day.month}月镇党政联席会议",
        "first_name": "李明远",
        "first_title": "镇党委副书记、镇长",
        "main_name": "陈立新",
        "main_title": "副镇长",
        "leaders": [
            {"name": "刘建设", "title": "镇党委副书记", "area": "综治、应急"},
            {"name": "吴玉兰", "title": "副镇长", "area": "教育、民政、卫生"},
            {"name": "郑大勇", "title": "副镇长", "area": "农业农村、林草"},
            {"name": "王晓峰", "title": "武装部部长", "area": "专职消防队"},
        ],
        "contact": "冯文书",
        "contact_phone": "0455-8990002",
        "effective_date": day.isoformat(),
        "copies_line": "抄送：北林区消防安全委员会办公室，北林区消防救援大队。",
    }
