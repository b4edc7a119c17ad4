"""Start-up check for the font subsetter."""

from __future__ import annotations

from formsvc.errors import FormsvcError
from formsvc.i18n.messages import msg


def require_subsetting() -> None:
    """Raise FormsvcError if uharfbuzz cannot subset fonts.

    Without it a PDF takes 20 times longer to make.
    """
    try:
        import uharfbuzz

        ready = callable(getattr(uharfbuzz, "subset", None))
    except (ImportError, OSError):
        ready = False
    if not ready:
        raise FormsvcError(
            msg("没有 HarfBuzz 字库裁剪组件，制作 PDF 会慢二十倍，已停止。"),
            msg("请重新安装 requirements.lock（其中有 uharfbuzz），再运行 formsvc doctor 检查。"),
        )
