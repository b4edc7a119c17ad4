"""一个案件从检查通知到复查、送达，全部通过接口办理。只用 Python 标准库。

用法：python docs/api-case.py http://127.0.0.1:8000 案件.json 令牌.json 输出文件夹
案件.json 是若干步骤的列表，一步一件文书，依次为：
  {"form": "T14", "data": {…}, "from": 据以制作的步骤序号（从 0 起，可省略）, "serve": {送达情况，可省略}}
令牌.json：{"staff": "…", "reviewer": "…", "approver": "…"}，由 formsvc token add 发放。
"""

import json
import sys
import uuid
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

server, case_file, token_file, folder = sys.argv[1:5]
steps = json.loads(Path(case_file).read_text(encoding="utf-8"))
tokens = json.loads(Path(token_file).read_text(encoding="utf-8"))


def ask(who, method, path, body=None):
    """以某人的身份请求一次；修改类的请求带幂等键，可以放心重发。差错说明白后停止。"""
    headers = {"Authorization": f"Bearer {tokens[who]}", "Content-Type": "application/json"}
    if method == "POST":
        headers["Idempotency-Key"] = str(uuid.uuid4())
    content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    try:
        with urlopen(Request(f"{server}/api/v1{path}", content, headers, method=method)) as answer:
            received = answer.read()
            return (
                json.loads(received) if answer.headers.get_content_type() == "application/json" else received
            )
    except HTTPError as refused:
        problem = json.load(refused)
        sys.exit(
            "\n".join([problem["detail"], *(f"［{e['field']}］{e['message']}" for e in problem["errors"])])
        )


done = []
for step in steps:
    source = {"source": done[step["from"]]["id"]} if "from" in step else {}
    act = ask(
        "staff", "POST", "/acts", {"form": step["form"], "data": step["data"], "submit": True, **source}
    )
    if act["state"] == "submitted":
        act = ask("reviewer", "POST", f"/acts/{act['id']}/review", {"decision": "pass"})
    if act["state"] == "reviewed":  # 送达回证不经签发
        ask("approver", "POST", f"/acts/{act['id']}/approve", {"decision": "approve"})
    act = ask("approver", "POST", f"/acts/{act['id']}/issue")
    for kind in ("pdf", "docx"):
        name = f"{len(done) + 1}_{act['title']}_{act['number']}.{kind}"
        (Path(folder) / name).write_bytes(ask("staff", "GET", f"/acts/{act['id']}/document.{kind}"))
    if "serve" in step:
        act = ask("staff", "POST", f"/acts/{act['id']}/serve", step["serve"])
    done.append(act)
    print(act["title"], act["number"] or "（不编号）", act["state_name"])

for coming in ask("staff", "GET", f"/cases/{done[-1]['id']}")["next_steps"]:
    due = f"，最迟 {coming['deadline']['due']}" if coming["deadline"] else ""
    print(f"接下来：{coming['title']}{due}（{coming['why']}）")
